"""Write docs/results.md and docs/results.schema.json from the types of the results.

Run as ``python .ci/document_results.py``, with ``--check`` to only compare the files.
"""

import ast
import inspect
import json
import sys
import types
from pathlib import Path
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from catnocat.benchmarks.analysis import results

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "results.schema.json"
PAGE = ROOT / "docs" / "results.md"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}

INTRODUCTION = """\
# results.json

`catnocat bench` writes all figures of a comparison to `results.json` in the output folder, and
`catnocat.bench` returns them as a dictionary. This page lists every key; `docs/results.schema.json`
is the same as a JSON schema.

```python
import catnocat

result = catnocat.bench((X, Y), methods="logistic,chain", folds=2)  # or a path, or a data frame
result.table()  # one row per method, as a data frame
result.per_label()  # one row per method and label
result.recommended  # {"macro_ap": "logistic", ...}
result["best"]["macro_ap"]["comparison"]  # any key of this page
result.save("report")  # results.json, report.html and report.md
```

Both files are written by `python .ci/document_results.py` from the types in
`benchmarks/analysis/results.py`. Tests compare them with the types, and real results with the
schema.

Metric keys: `macro_ap`, `micro_ap`, `lrap`, `macro_auroc`, `ranking_loss`, `coverage`,
`one_error`, `hamming_loss`, `subset_accuracy`, `macro_f1`, `micro_f1`, `sample_f1` and `jaccard`;
see [metrics](metrics.md). Verdict codes: see [protocol](protocol.md).
"""


def field_descriptions() -> dict[str, dict[str, str]]:
    """Return the comments of the fields of each type and its bases, read from the source."""
    descriptions: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(results)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields: dict[str, str] = {}
        for base in node.bases:
            fields |= descriptions.get(ast.unparse(base), {})
        for statement, following in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
            ):
                fields[statement.target.id] = " ".join(str(following.value.value).split())
        descriptions[node.name] = fields
    return descriptions


DESCRIPTIONS = field_descriptions()


def schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a type; of a TypedDict a reference to its definition."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # before its fields, which may refer to it
            definitions[kind.__name__] = object_schema(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind is Any:
        return {}
    if kind is type(None):
        return {"type": "null"}
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(part, definitions) for part in arguments]}
    if origin is NotRequired:
        return schema_of(arguments[0], definitions)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], definitions)}
    raise TypeError(f"no JSON schema for {kind}")


def object_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a TypedDict; other keys are not allowed."""
    hints = get_type_hints(kind, include_extras=True)
    comments = DESCRIPTIONS[kind.__name__]
    return {
        "type": "object",
        "description": inspect.getdoc(kind),
        "properties": {
            name: {**schema_of(hint, definitions), "description": comments[name]}
            for name, hint in hints.items()
        },
        "required": [name for name, hint in hints.items() if get_origin(hint) is not NotRequired],
        "additionalProperties": False,
    }


def build_schema() -> dict[str, Any]:
    """Return the schema of the results of one data set, of several, or of several networks."""
    definitions: dict[str, Any] = {}
    alternatives = [
        schema_of(kind, definitions)
        for kind in (results.Results, results.JointResults, results.BackboneResults)
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "results.json of catnocat bench",
        "anyOf": alternatives,
        "$defs": definitions,
    }


def type_name(schema: dict[str, Any]) -> str:
    """Return a schema as a readable type, with links to the tables."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_name(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_name(schema['items'])}"
    if "additionalProperties" in schema:
        return f"object of {type_name(schema['additionalProperties'])}"
    return schema.get("type", "any value")


def build_page(schema: dict[str, Any]) -> str:
    """Return docs/results.md: one table per type."""
    parts = [INTRODUCTION]
    order = ["Results", *(name for name in schema["$defs"] if name != "Results")]
    for name in order:
        definition = schema["$defs"][name]
        required = definition["required"]
        rows = [
            f"| `{key}`{'' if key in required else ' (optional)'} | {type_name(field)} |"
            f" {field['description']} |"
            for key, field in definition["properties"].items()
        ]
        parts.append(
            f"## {name}\n\n{definition['description']}\n\n| key | type | meaning |\n|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write or check both files; return the exit code."""
    schema = build_schema()
    contents = {SCHEMA: json.dumps(schema, indent=1) + "\n", PAGE: build_page(schema)}
    outdated = [
        path
        for path, content in contents.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]
    if "--check" in arguments:
        for path in outdated:
            print(f"{path.relative_to(ROOT)}: outdated; run python .ci/document_results.py")
        return 1 if outdated else 0
    for path in outdated:
        path.write_text(contents[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
