# SPDX-License-Identifier: Apache-2.0
"""Writes workloads in Protobuf's text format: one line per tensor or operator."""

from generator.techniques import technique_lines


def quoted(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(quoted(str(item)) for item in value) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Word):
        return str(value)
    return f'"{value}"'


class Word(str):
    """A value without quotes: an enumerator."""


def fields(pairs):
    return " ".join(f"{key}: {quoted(value)}" for key, value in pairs if value is not None)


class Section:
    """Tensors and operators of one phase; `repeat` makes layers of it, "{layer}" in names is the layer's number."""

    def __init__(self, phase, repeat=None, comment=None):
        self.phase, self.repeat, self.comment, self.lines = phase, repeat, comment, []

    def tensor(self, name, shape, format="INT12", **keys):
        for key in ("lifetime", "content"):
            if key in keys:
                keys[key] = Word(keys[key])
        self.lines.append(
            f"tensors {{ {fields([('name', name), ('shape', shape), ('format', Word(format)), *keys.items()])} }}")
        return name

    def constant(self, name, shape, format="INT32", **keys):
        return self.tensor(name, shape, format, file=name, **keys)

    def view(self, name, of, shape, stride=None, offset=None, guided=None):
        inner = fields([("of", of), ("offset", None if offset is None else str(offset)), ("stride", stride)])
        self.lines.append(
            f"tensors {{ {fields([('name', name), ('shape', shape), ('guided', guided)])} view {{ {inner} }} }}")
        return name

    def op(self, type, name, window=None, **operands):
        parts = [("name", name), ("type", type), ("split", Word("AUTO") if type in ("MATMUL", "ATTENTION") else None),
                 *operands.items()]
        tail = "" if window is None else f" window {{ {fields(window)} }}"
        self.lines.append(f"operators {{ {fields(parts)}{tail} }}")

    def text(self):
        head = [] if self.comment is None else [f"# {self.comment}"]
        head += ["sections {", f"  phase: {self.phase}"]
        if self.repeat is not None:
            head += [f'  repeat: "{self.repeat}"', '  variable: "layer"']
        return "\n".join(head + ["  " + line for line in self.lines] + ["}"])


EXION = ("FFN_REUSE", "EP", "CONMERGE")
PLAIN_TRANSFORMER = (*EXION, "CTR", "ST")


class Workload:
    """One file. `notes` say what is in it, what is left out and where the shapes come from; `techniques` are those that
    are defined for the network."""

    def __init__(self, name, description, source, notes, steps, guidance, sampler, classes=None, conditioning=None,
                 techniques=EXION):
        self.name, self.description, self.source, self.notes = name, description, source, notes
        self.steps, self.guidance, self.sampler = steps, guidance, sampler
        self.classes, self.conditioning, self.techniques = classes, conditioning, techniques
        self.symbols, self.sections = [("rows", "samples * branches")], []

    def section(self, phase, repeat=None, comment=None):
        self.sections.append(Section(phase, repeat, comment))
        return self.sections[-1]

    def layer(self, comment):
        """A section of its own layer number, repeated once."""
        return self.section("EACH_STEP", "1", comment)

    def text(self):
        lines = ["# SPDX-License-Identifier: Apache-2.0",
                 "# Written by traces/workloads/generate.py; change that, not this.", "#"]
        lines += [f"# {line}" for line in self.notes] + [""]
        lines += [f'name: "{self.name}"', f'description: "{self.description}"', f'source: "{self.source}"',
                  "random_weights { seed: 1 }", "", f"steps: {self.steps}", f"guidance: {self.guidance}", "seed: 1"]
        if self.classes is None:
            lines.append("samples: 1")
        else:
            lines += [f'classes: "{self.classes}"', f"conditioning {{ {self.conditioning} }}"]
        lines += [f"sampler {{ {self.sampler} }}", f"defined_techniques: [{', '.join(self.techniques)}]", ""]
        lines += [*technique_lines(self.name, self.steps, "CTR" in self.techniques), ""]
        lines += [f'symbols {{ name: "{name}" value: "{value}" }}' for name, value in self.symbols]
        return "\n".join(lines) + "\n\n" + "\n\n".join(section.text() for section in self.sections) + "\n"
