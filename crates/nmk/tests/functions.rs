//! Admitted functions at work: as operations of graphs, as near ones of a later search, and in calls.

mod common;

use std::fs;

use common::home::Ended;
use common::search::{RIGHT, SPEC, Scene, find};
use serde_json::json;

const GRAPH: &str = r#"
[[task]]
name = "first"
operation = "prim.third"
operands = [7]

[[task]]
name = "second"
operation = "prim.third"
operands = ["{first}"]
after = ["first"]
answer = true
"#;

/// Runs the graph `text` in the scene's home.
fn run(scene: &Scene, text: &str, more: &[&str]) -> Ended {
    let path = scene.home.write("work/graph.toml", text).display().to_string();
    scene.home.run([&["run", &path, "--json"][..], more].concat())
}

/// Returns a scene whose store has the function, or None on a machine that cannot isolate a program.
fn admitted(name: &str) -> Option<Scene> {
    let scene = Scene::new(name, |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return None;
    }
    assert_eq!(scene.solve(&[]).json()["outcome"], json!("admitted"));
    Some(scene)
}

#[test]
fn an_admitted_function_is_an_operation_with_a_capability_of_its_own() {
    let Some(scene) = admitted("function-graph") else { return };
    let refused = run(&scene, GRAPH, &[]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.out.contains("prim:third"), "the refusal names the capability: {refused:?}");
    let dry = run(&scene, GRAPH, &["--grant", "prim:third", "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    let ran = run(&scene, GRAPH, &["--grant", "prim:third"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let object = ran.json();
    // Three times 7 and one more is 22, and three times 22 is 66: the second call had the result of the first.
    assert_eq!((&object["answer"], &object["level"]), (&json!("66"), &json!("schema")), "{object}");
    assert_eq!(scene.home.run(["ledger", "verify"]).code, 0);
    let replayed = scene.home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&replayed["difference"], &replayed["unproven"]), (&json!(null), &json!([])), "{replayed}");
}

#[test]
fn an_operation_without_a_function_that_counts_is_refused() {
    let Some(scene) = admitted("function-graph-refused") else { return };
    let grant = ["--grant", "prim:third"];
    let unknown = run(&scene, &GRAPH.replace("prim.third", "prim.fourth"), &[]);
    assert!(unknown.code == 2 && unknown.out.contains("no primitive named fourth"), "{unknown:?}");
    let mistyped = run(&scene, GRAPH, &["--grant", "prim:thrid"]);
    assert!(mistyped.code == 2 && mistyped.out.contains("prim:third"), "{mistyped:?}");
    // What no exam says anything about fails its task, and nothing is committed.
    for operands in ["[-1]", "[\"x\"]", "[1, 2]"] {
        let text = GRAPH.replacen("operands = [7]", &format!("operands = {operands}"), 1);
        let ended = run(&scene, &text, &grant);
        assert_ne!(ended.code, 0, "{operands}: {ended:?}");
        assert!(ended.json()["answer"].is_null(), "{operands}: {ended:?}");
    }
    let missing = run(&scene, &GRAPH.replacen("operands = [7]\n", "", 1), &grant);
    assert!(missing.code == 2 && missing.out.contains("operands"), "{missing:?}");
    let idle = scene.home.write("work/idle.toml", include_str!("../../../docs/sum.toml"));
    let idle = scene.home.run(["run", &idle.display().to_string(), "--primitives", "place"]);
    assert!(idle.code == 2 && idle.err.contains("--primitives"), "{idle:?}");
    let listed = scene.home.run(["prims", "list", "--json"]).json();
    let path = find(&scene.home.path(""), listed["admitted"][0]["file"].as_str().unwrap());
    let whole = fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    fs::write(&path, &altered).unwrap();
    assert_eq!(run(&scene, GRAPH, &grant).code, 2, "an altered file is refused by name");
    fs::write(&path, &whole).unwrap();
    assert_eq!(run(&scene, GRAPH, &grant).code, 0);
    assert_eq!(scene.home.run(["prims", "revoke", "third", "--because", "a test"]).code, 0);
    assert_eq!(run(&scene, GRAPH, &grant).code, 2);
}

#[test]
fn a_changed_specification_finds_the_function_that_was_admitted_before() {
    let Some(scene) = admitted("function-near") else { return };
    let asked = scene.stub.seen().len();
    let changed = SPEC.replace("and one more if n is odd", "and if n is odd, one more");
    scene.home.write("work/spec.toml", &changed);
    let object = scene.solve(&[]).json();
    assert_eq!((&object["outcome"], &object["rung"]), (&json!("admitted"), &json!("look_up")), "{object}");
    assert_eq!((&object["tokens"], &object["attempt"]), (&json!(0), &json!(1)), "{object}");
    // Under another name the code gets a line that gives the function this name.
    scene.home.write("work/spec.toml", changed.replace("\"third\"", "\"three_times\""));
    let object = scene.solve(&[]).json();
    assert_eq!((&object["outcome"], &object["rung"]), (&json!("admitted"), &json!("look_up")), "{object}");
    assert!(object["code"].as_str().unwrap().ends_with("three_times = third\n"), "{object}");
    assert_eq!(scene.stub.seen().len(), asked, "nobody was asked");
    let call = scene.home.run(["prims", "call", "three_times", "--args", "[7]", "--json"]).json();
    assert_eq!(call["result"], json!(22), "{call}");
    let shown = scene.home.run(["prims", "show", "three_times", "--json"]).json();
    assert_eq!(shown["model"], json!("m"), "the one who wrote it is named: {shown}");
    assert_eq!(scene.home.run(["ledger", "verify"]).code, 0);
    let replayed = scene.home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&replayed["difference"], &replayed["unproven"]), (&json!(null), &json!([])), "{replayed}");
    // Both look-ups by words are decisions in the ledger.
    assert_eq!(replayed["decisions"], json!(2), "{replayed}");
}

#[test]
fn a_near_function_that_is_wrong_here_is_refused_and_a_model_is_asked() {
    let Some(scene) = admitted("function-near-wrong") else { return };
    let asked = scene.stub.seen().len();
    // The words are near, and the function is another one.
    let other = SPEC
        .replace("one more if n is odd", "two more if n is odd")
        .replace("(n & 1)", "2 * (n & 1)")
        .replace("returns = 10", "returns = 11");
    scene.home.write("work/spec.toml", &other);
    let object = scene.solve(&["--k", "0"]).json();
    let rungs: Vec<_> = object["attempts"].as_array().unwrap().iter().map(|of| of["rung"].clone()).collect();
    assert_eq!((&object["outcome"], rungs), (&json!("abstained"), vec![json!("look_up"), json!("greedy")]));
    assert_eq!(scene.stub.seen().len(), asked + 1);
}

#[test]
fn a_call_that_the_precondition_does_not_allow_is_refused() {
    let scene = Scene::new("function-precondition", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let precondition = "\n[precondition]\npython = '''\ndef allowed(n):\n    return n % 4 != 2\n'''\n";
    scene.home.write("work/spec.toml", format!("{SPEC}{precondition}"));
    assert_eq!(scene.solve(&[]).json()["outcome"], json!("admitted"));
    let call = |args: &str| scene.home.run(["prims", "call", "third", "--args", args, "--json"]);
    assert_eq!(call("[7]").json()["result"], json!(22));
    let refused = call("[6]");
    assert!(refused.code == 2 && refused.out.contains("precondition"), "{refused:?}");
}
