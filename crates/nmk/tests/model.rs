//! `nmk model`: one set of bits whatever the flags, on every family, and clear errors for what is no model.

mod common;

use std::path::{Path, PathBuf};

use common::home::Home;
use serde_json::{Value, json};

const FAMILIES: [&str; 7] =
    ["cohere2_moe", "cohere2_moe_shared_sigmoid", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

fn fixture(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity").join(family)
}

/// Returns the header of a safetensors file, and the offset at which its data begins.
fn header(bytes: &[u8]) -> (Value, usize) {
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).expect("a header"), 8 + length)
}

fn data<'a>(bytes: &'a [u8], name: &str) -> &'a [u8] {
    let (header, start) = header(bytes);
    let offset = |at: usize| header[name]["data_offsets"][at].as_u64().expect("an offset") as usize;
    &bytes[start..][offset(0)..offset(1)]
}

fn ids(bytes: &[u8], name: &str) -> Vec<String> {
    let ids = data(bytes, name).chunks_exact(8);
    ids.map(|id| i64::from_le_bytes(id.try_into().expect("8 bytes")).to_string()).collect()
}

#[test]
fn logits_have_the_same_bytes_for_every_combination_of_flags() {
    let home = Home::new("model-logits");
    let isas = ["portable", "avx2", "avx512"].map(str::to_owned);
    let mut digests = Vec::new();
    for place in FAMILIES
        .map(|family| fixture(family).display().to_string())
        .into_iter()
        .chain(["embedded".to_owned()])
    {
        let mut reference: Option<(Vec<u8>, Value)> = None;
        for isa in &isas {
            for (threads, chunk) in [("1", "64"), ("1", "1"), ("2", "3"), ("3", "7"), ("8", "64"), ("8", "1")]
            {
                let out = home.path("work/logits.safetensors").display().to_string();
                let tokens = "5,6,7,99,0,3,3,3,17,64,12,1,88,90,21,22,23,24,25,26";
                let words =
                    ["--tokens", tokens, "--isa", isa, "--threads", threads, "--chunk", chunk, "--out", &out];
                let ended = home.run([&["model", "logits", &place][..], &words].concat());
                if ended.code == 2 && ended.err.contains("this machine has no") {
                    println!("UNPROVEN: this machine has no {isa}");
                    continue;
                }
                let object = ended.json();
                assert_eq!((ended.code, &object["positions"]), (0, &json!(20)), "{ended:?}");
                let found = (std::fs::read(&out).expect("the logits"), object);
                let reference = reference.get_or_insert_with(|| found.clone());
                assert_eq!(reference, &found, "{place} with {isa}, {threads} threads, chunks of {chunk}");
            }
        }
        let (bytes, object) = reference.expect("portable is everywhere");
        // What is equal also makes sense: the tensor has a shape, and its values are not one value.
        let (header, _) = header(&bytes);
        assert_eq!(header["logits"]["shape"], json!([20, object["vocab"]]));
        let values = data(&bytes, "logits");
        assert!(values.chunks_exact(4).any(|value| value != &values[..4]));
        digests.push(object["digest"].clone());
    }
    let models = digests.len();
    digests.dedup();
    assert_eq!(digests.len(), models, "different models have different logits");
}

#[test]
fn greedy_continuations_are_those_of_the_reference() {
    let home = Home::new("model-generate");
    for family in FAMILIES {
        let folder = fixture(family).display().to_string();
        let expected = std::fs::read(fixture(family).join("expected.safetensors")).expect("a fixture");
        for case in 0..4 {
            let prompt = ids(&expected, &format!("ids_{case}")).join(",");
            let greedy = ids(&expected, &format!("greedy_{case}"));
            let count = greedy.len().to_string();
            let ahead = case.to_string();
            let words = ["--tokens", &prompt, "--max-new", &count, "--ignore-eos", "--speculate", &ahead];
            let ended = home.run([&["model", "generate", &folder][..], &words].concat());
            let object = ended.json();
            let found: Vec<String> =
                object["tokens"].as_array().expect("tokens").iter().map(Value::to_string).collect();
            assert_eq!((found, &object["text"]), (greedy, &Value::Null), "{family} {case}");
        }
    }
}

#[test]
fn a_model_in_shards_is_the_model_in_one_file() {
    let home = Home::new("model-shards");
    let one = fixture("mixtral");
    let bytes = std::fs::read(one.join("model.safetensors")).expect("weights");
    let (header, _) = header(&bytes);
    let names: Vec<&String> = header.as_object().expect("a header").keys().collect();
    let names: Vec<&String> = names.into_iter().filter(|name| *name != "__metadata__").collect();
    let mut map = serde_json::Map::new();
    for (shard, names) in names.chunks(names.len().div_ceil(3)).enumerate() {
        let (mut head, mut body) = (serde_json::Map::new(), Vec::new());
        let file = format!("model-0000{shard}-of-00003.safetensors");
        for name in names {
            let data = data(&bytes, name);
            let mut entry = header[name.as_str()].clone();
            entry["data_offsets"] = json!([body.len(), body.len() + data.len()]);
            body.extend_from_slice(data);
            head.insert((*name).clone(), entry);
            map.insert((*name).clone(), json!(file));
        }
        let head = Value::Object(head).to_string();
        let whole = [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &body].concat();
        home.write(&format!("work/sharded/{file}"), whole);
    }
    let index = |map: &Value| json!({ "weight_map": map }).to_string();
    let whole = Value::Object(map);
    home.write("work/sharded/model.safetensors.index.json", index(&whole));
    home.write("work/sharded/config.json", std::fs::read(one.join("config.json")).expect("a configuration"));
    let logits = |place: &str| home.run(["model", "logits", place, "--tokens", "5,6,7"]);
    let sharded = home.path("work/sharded").display().to_string();
    assert_eq!(logits(&sharded).json(), logits(&one.display().to_string()).json());
    // A name of a file elsewhere, no map, a missing shard.
    for (map, parts) in [
        (json!({"lm_head.weight": "../model.safetensors"}), ["lm_head.weight", "beside it"]),
        (json!([]), ["weight_map", "index.json"]),
        (json!({"lm_head.weight": "absent.safetensors"}), ["absent.safetensors", "missing"]),
        (json!({"lm_head.weight": "model-00000-of-00003.safetensors"}), ["tensor", "missing"]),
    ] {
        home.write("work/sharded/model.safetensors.index.json", index(&map));
        logits(&sharded).is_refused(&parts);
    }
}

#[test]
fn what_is_no_model_or_no_input_is_named() {
    let home = Home::new("model-bad");
    let olmoe = fixture("olmoe").display().to_string();
    let logits = |place: &str, words: &[&str]| home.run([&["model", "logits", place][..], words].concat());
    logits(&olmoe, &["--tokens", "5,128"]).is_refused(&["token 128", "number 1", "vocabulary size 128"]);
    logits(&olmoe, &["--tokens", "5", "--threads", "0"]).is_refused(&["0 threads", "1 to 256"]);
    let lacking = logits(&olmoe, &["--tokens", "5", "--isa", "neon"]);
    assert_eq!(lacking.code, 3, "this machine cannot show it: {lacking:?}");
    assert!(lacking.err.contains("no neon") && lacking.err.contains("same bits"), "{lacking:?}");
    logits(&olmoe, &["--tokens", "5", "--isa", "mmx"]).is_refused(&["mmx", "portable, avx2"]);
    logits(&olmoe, &["--tokens", "5", "--chunk", "0"]).is_refused(&["--chunk"]);
    logits(&olmoe, &["--tokens", ""]).is_refused(&["--tokens"]);
    logits(&olmoe, &[]).is_refused(&["--tokens"]);
    let nowhere = home.path("nowhere/logits").display().to_string();
    logits(&olmoe, &["--tokens", "5", "--out", &nowhere]).is_refused(&["nowhere", "--out"]);
    logits(&home.path("absent").display().to_string(), &["--tokens", "5"]).is_refused(&["absent"]);
    let long = vec!["5"; 513].join(",");
    logits(&olmoe, &["--tokens", &long]).is_refused(&["context of 512"]);
    home.run(["model", "generate", &olmoe, "--tokens", "5", "--max-new", "600"])
        .is_refused(&["context of 512"]);

    let config = std::fs::read_to_string(fixture("olmoe").join("config.json")).expect("a configuration");
    let folder = |name: &str, config: &str, weights: &str| {
        home.write(&format!("work/{name}/config.json"), config);
        home.write(&format!("work/{name}/{weights}"), b"GGUF");
        home.path(&format!("work/{name}")).display().to_string()
    };
    let gguf = folder("gguf", &config, "model.gguf");
    logits(&gguf, &["--tokens", "5"]).is_refused(&["model.gguf", "safetensors"]);
    logits(&format!("{gguf}/model.gguf"), &["--tokens", "5"]).is_refused(&["single file"]);
    let torn = folder("torn", &config, "model.safetensors");
    logits(&torn, &["--tokens", "5"]).is_refused(&["not a whole safetensors file of 4 bytes"]);
    let llama = folder("llama", &config.replace("\"olmoe\"", "\"llama\""), "model.safetensors");
    logits(&llama, &["--tokens", "5"]).is_refused(&["model_type", "llama", "olmoe"]);
    let rope = folder("rope", &config.replace("\"default\"", "\"dynamic\""), "model.safetensors");
    logits(&rope, &["--tokens", "5"]).is_refused(&["dynamic", "length"]);
}

#[test]
fn a_self_test_holds_on_every_family_and_says_what_it_could_not_show() {
    let home = Home::new("model-selftest");
    for family in ["gpt_oss", "cohere2_moe"] {
        let folder = fixture(family).display().to_string();
        let object = home.run(["model", "selftest", &folder, "--length", "40", "--json"]).json();
        assert_eq!((&object["passed"], &object["differing"]), (&json!(true), &json!([])), "{object}");
        assert_eq!((&object["controls"], &object["missed"]), (&json!(2), &json!([])), "{object}");
        assert_eq!(object["coherent"], Value::Null, "a folder without a tokenizer shows no sense");
        assert!(object["cells"].as_u64() >= Some(10));
    }
    let object = home.run(["model", "selftest", "embedded", "--length", "400", "--json"]).json();
    assert_eq!((&object["passed"], &object["coherent"]), (&json!(true), &json!(true)), "{object}");
    let inspected = home.run(["model", "inspect", "embedded", "--json"]).json();
    assert_eq!((&inspected["family"], &inspected["tokenizer"]), (&json!("cohere2_moe"), &json!(true)));
}

#[test]
fn draws_depend_on_the_seed_and_on_no_schedule() {
    let home = Home::new("model-draws");
    let folder = fixture("qwen3_moe").display().to_string();
    let drawn = |more: &[&str]| {
        let words = ["model", "generate", &folder, "--tokens", "5,6,7,8", "--max-new", "24", "--ignore-eos"];
        home.run([&words[..], more].concat())
    };
    let tokens = |more: &[&str]| drawn(more).json()["tokens"].clone();
    let (greedy, seven) = (tokens(&[]), ["--temperature", "0.8", "--top-p", "0.9", "--seed", "7"]);
    let reference = tokens(&seven);
    assert_ne!(greedy, reference);
    assert_ne!(reference, tokens(&["--temperature", "0.8", "--top-p", "0.9", "--seed", "8"]));
    for more in [&["--threads", "3"][..], &["--chunk", "1"], &["--speculate", "4"], &["--isa", "portable"]] {
        assert_eq!(tokens(&[&seven[..], more].concat()), reference, "{more:?}");
    }
    drawn(&["--temperature=-1"]).is_refused(&["temperature"]);
    drawn(&["--temperature", "1", "--top-k", "0"]).is_refused(&["top-k is 0"]);
    drawn(&["--temperature", "1", "--top-p", "1.5"]).is_refused(&["top-p is 1.5"]);
    drawn(&["--temperature", "1", "--min-p", "2"]).is_refused(&["min-p is 2"]);
}

#[test]
fn the_state_is_the_one_flag_that_changes_bits() {
    let home = Home::new("model-state");
    let tokens = "5,6,7,99,0,3,3,3,17,64,12,1,88,90,21,22,23,24,25,26";
    for place in [fixture("gpt_oss"), fixture("cohere2_moe"), PathBuf::from("embedded")] {
        let place = place.display().to_string();
        let digest = |words: &[&str]| {
            let ended = home.run([&["model", "logits", &place, "--tokens", tokens][..], words].concat());
            assert_eq!(ended.code, 0, "{ended:?}");
            ended.json()["digest"].to_string()
        };
        assert_eq!(digest(&[]), digest(&["--state", "f32"]), "{place}");
        let reference = digest(&["--state", "bf16"]);
        assert_ne!(digest(&[]), reference, "{place}");
        for words in [["--isa", "portable"], ["--threads", "3"], ["--chunk", "1"], ["--chunk", "7"]] {
            assert_eq!(digest(&[&["--state", "bf16"], &words[..]].concat()), reference, "{place} {words:?}");
        }
        let inspected =
            |state: &str| home.run(["model", "inspect", &place, "--json", "--state", state]).json();
        let [wide, narrow] = ["f32", "bf16"].map(inspected);
        assert_eq!((&wide["state"], &narrow["state"]), (&json!("f32"), &json!("bf16")));
        assert_eq!(narrow["numerics"], json!("nmk-numerics-2-bf16"));
        assert_ne!(wide["digest"], narrow["digest"]);
    }
    let words = ["model", "selftest", "embedded", "--length", "24", "--json", "--state", "bf16"];
    let object = home.run(words).json();
    assert_eq!((&object["passed"], &object["coherent"]), (&json!(true), &json!(true)), "{object}");
    let mixtral = fixture("mixtral").display().to_string();
    let generate = ["model", "generate", &mixtral, "--tokens", "5,6,7", "--max-new", "20", "--ignore-eos"];
    let generated = |words: &[&str]| home.run([&generate[..], &["--state", "bf16"], words].concat()).json();
    assert_eq!(generated(&["--chunk", "1"]), generated(&["--speculate", "4"]));
    home.run(["model", "inspect", &mixtral, "--state", "f64"]).is_refused(&["f64", "f32 or bf16"]);
}

#[test]
fn a_continuation_says_nothing_that_is_forbidden_and_tells_how_sure_its_routers_were() {
    let home = Home::new("model-forbid");
    let run = |more: &[&str]| {
        let words = ["model", "generate", "embedded", "--tokens", "5,6,7", "--max-new", "20", "--ignore-eos"];
        home.run([&words[..], more].concat())
    };
    let plain = run(&[]).json();
    let text = plain["text"].as_str().expect("a text").to_owned();
    let letter = text.chars().find(|char| char.is_alphabetic()).expect("a letter").to_string();
    let forbidden = run(&["--forbid-pattern", &letter]).json();
    assert!(!forbidden["text"].as_str().expect("a text").contains(&letter), "{forbidden}");
    for schedule in
        [&["--chunk", "1"][..], &["--threads", "2"], &["--speculate", "3"], &["--isa", "portable"]]
    {
        assert_eq!(run(&[&["--forbid-pattern", &letter][..], schedule].concat()).json(), forbidden);
    }
    let tapped = run(&["--entropy"]).json();
    assert_eq!(
        (&tapped["tokens"], &tapped["text"]),
        (&plain["tokens"], &plain["text"]),
        "a tap changes nothing"
    );
    let entropy: Vec<f64> =
        tapped["entropy"].as_array().expect("figures").iter().filter_map(Value::as_f64).collect();
    assert_eq!(entropy.len(), 22, "every position that was computed");
    assert!(entropy.iter().all(|entropy| (0.0..=1.0).contains(entropy)));
    for schedule in [&["--chunk", "1"][..], &["--speculate", "3"], &["--isa", "portable"]] {
        assert_eq!(run(&[&["--entropy"][..], schedule].concat()).json(), tapped, "{schedule:?}");
    }
    let folder = fixture("mixtral").display().to_string();
    let words = ["model", "generate", &folder, "--tokens", "5", "--max-new", "3", "--forbid", "word"];
    home.run(words).is_refused(&["tokenizer.json"]);
}

#[test]
fn a_prompt_is_the_tokens_that_tokenize_prints() {
    let home = Home::new("model-prompt");
    let text = "Good morning <|end|>";
    let shown = home.run(["model", "tokenize", "embedded", text]);
    let ids = shown.out.trim();
    assert!(shown.code == 0 && ids.split(',').count() > 2, "{shown:?}");
    let object = home.run(["model", "tokenize", "embedded", text, "--json"]).json();
    let listed: Vec<String> =
        object["tokens"].as_array().expect("ids").iter().map(Value::to_string).collect();
    assert_eq!((listed.join(",").as_str(), &object["count"]), (ids, &json!(listed.len())));
    let generated = |words: [&str; 2]| {
        home.run([&["model", "generate", "embedded", "--max-new", "8", "--ignore-eos"][..], &words].concat())
            .json()
    };
    let by_prompt = generated(["--prompt", text]);
    assert_eq!(by_prompt["tokens"], generated(["--tokens", ids])["tokens"]);
    assert_ne!(by_prompt["tokens"], generated(["--prompt", "Good evening"])["tokens"]);
    let bare = fixture("mixtral").display().to_string();
    home.run(["model", "tokenize", &bare, "a"]).is_refused(&["tokenizer.json"]);
    home.run(["model", "generate", &bare, "--prompt", "a", "--max-new", "1"]).is_refused(&["tokenizer.json"]);
    home.run(["model", "generate", "embedded", "--prompt", "a", "--tokens", "1"]).is_refused(&["--tokens"]);
    home.run(["model", "generate", "embedded", "--max-new", "1"]).is_refused(&["--tokens"]);
}

#[test]
fn the_tokens_of_a_text_are_those_of_the_reference() {
    let home = Home::new("model-families");
    let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/families");
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(families.join(name)).expect("a file")).expect("JSON")
    };
    let cases = read("cases.json");
    let mut equal = 0;
    for family in ["qwen3", "llama3", "mixtral", "gemma", "gpt_oss", "olmoe"] {
        let folder = families.join(family).display().to_string();
        let expected = read(&format!("{family}/expected.json"));
        let texts = expected["texts"].as_object().expect("texts");
        for (name, ids) in texts.iter().step_by(5) {
            let case = cases.as_array().expect("cases").iter().find(|case| case["name"] == name.as_str());
            let text = case.expect("a case")["messages"][0][1].as_str().expect("text");
            let shown = home.run(["model", "tokenize", &folder, "--json", "--", text]);
            assert_eq!(&shown.json()["tokens"], ids, "{family}, {name}: {shown:?}");
            let other = home.run(["model", "tokenize", &folder, "--json", "--", &format!("{text}.")]);
            assert_ne!(&other.json()["tokens"], ids, "{family}, {name}: the control");
            equal += 1;
        }
    }
    assert_eq!(equal, 48);
}

#[test]
fn inspect_says_sizes_and_memory() {
    let home = Home::new("model-sizes");
    let olmoe = fixture("olmoe").display().to_string();
    let inspected =
        |words: &[&str]| home.run([&["model", "inspect", &olmoe, "--json"][..], words].concat()).json();
    let whole = inspected(&[]);
    let size = |object: &Value, key: &str| object[key].as_u64().expect("a number");
    assert_eq!(size(&whole, "session_positions"), size(&whole, "context"));
    // Its weights are in f32, with a header before them.
    let values = size(&whole, "parameters") * 4;
    assert!((values..values + 100_000).contains(&size(&whole, "weight_bytes")), "{whole}");
    assert!(size(&whole, "active_parameters") < size(&whole, "parameters"), "{whole}");
    let short = inspected(&["--positions", "64"]);
    assert_eq!(size(&short, "session_positions"), 64);
    assert!(size(&short, "session_bytes") < size(&whole, "session_bytes"), "{short}");
    // More positions than the context is no session at all.
    let context = whole["context"].to_string();
    let longer = home.run(["model", "inspect", &olmoe, "--positions", "99999999"]);
    longer.is_refused(&["--positions 99999999", "context", &context]);
}
