# Functions that the families of questions share. Each returns one question.
import json


def different(answer, wrong):
    kept = []
    for value in wrong:
        if value != answer and value not in kept:
            kept.append(value)
    return kept[:3]


def whole(prompt, answer, *wrong):
    values = different(answer, list(wrong) + [answer + 1, answer - 1])
    return {
        "prompt": prompt + " Answer with one line: Answer: and the number.",
        "grader": {"form": "integer", "expected": answer},
        "right": "Answer: %d" % answer,
        "wrong": ["Answer: %d" % value for value in values],
    }


def yes_no(prompt, answer):
    words = {True: "yes", False: "no"}
    return {
        "prompt": prompt + " Answer with one line: Answer: yes, or Answer: no.",
        "grader": {"form": "yes_no", "expected": answer},
        "right": "Answer: " + words[answer],
        "wrong": ["Answer: " + words[not answer], "That cannot be said in general."],
    }


def document(prompt, form, answer, *wrong):
    values = different(answer, list(wrong))
    return {
        "prompt": prompt + " Answer with JSON alone: " + form + ".",
        "grader": {"form": "json", "expected": answer},
        "right": json.dumps(answer),
        "wrong": [json.dumps(value) for value in values] + ["I do not know."],
    }


def exact(prompt, answer, *wrong):
    return {
        "prompt": prompt,
        "grader": {"form": "text", "expected": answer},
        "right": answer,
        "wrong": different(answer, wrong),
    }


def checked(prompt, form, verifier, right, *wrong):
    return {
        "prompt": prompt + " Answer with JSON alone: " + form + ".",
        "grader": {"verifier": verifier},
        "right": json.dumps(right),
        "wrong": [json.dumps(value) for value in different(right, wrong)] + ["There are many ways."],
    }


def shaped(prompt, schema, facts, right, *wrong):
    return {
        "prompt": prompt + " Answer with JSON alone.",
        "grader": {"schema": schema, "facts": facts},
        "right": json.dumps(right),
        "wrong": [json.dumps(value) for value in different(right, wrong)] + ["Here it is."],
    }
