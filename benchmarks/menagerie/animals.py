"""Which animals there are, and which drawings of the OpenMoji font show each."""

from types import MappingProxyType

__all__ = ["ANIMALS", "CREDIT"]

CREDIT = (
    "Animals drawn with OpenMoji (https://openmoji.org), the open-source emoji and icon project, "
    "licence CC BY-SA 4.0."
)

# Several drawings make a label a concept and not one glyph. Single code points only: sequences such
# as the black cat's need a text shaper that not every build of Pillow has.
# The order matters: neighbours keep company and avoid each other in turn (see company.py).
ANIMALS = MappingProxyType(
    {
        "cat": {
            "cat": "🐈",
            "cat face": "🐱",
            "grinning cat": "😺",
            "smiling cat": "😸",
            "pouting cat": "😾",
            "weary cat": "🙀",
        },
        "dog": {"dog": "🐕", "dog face": "🐶", "poodle": "🐩"},
        "squirrel": {"chipmunk": "🐿"},
        "rabbit": {"rabbit": "🐇", "rabbit face": "🐰"},
        "fox": {"fox face": "🦊"},
        "owl": {"owl": "🦉"},
        "chicken": {"rooster": "🐓", "chicken": "🐔", "chick": "🐥"},
        "pig": {"pig": "🐖", "pig face": "🐷"},
        "tiger": {"tiger": "🐅", "tiger face": "🐯"},
        "monkey": {
            "monkey": "🐒",
            "monkey face": "🐵",
            "see-no-evil monkey": "🙈",
            "hear-no-evil monkey": "🙉",
            "speak-no-evil monkey": "🙊",
        },
        "elephant": {"elephant": "🐘"},
        "camel": {"dromedary": "🐪", "two-hump camel": "🐫"},
        "whale": {"whale": "🐋", "spouting whale": "🐳"},
        "fish": {"fish": "🐟", "tropical fish": "🐠", "blowfish": "🐡"},
        "sheep": {"ram": "🐏", "ewe": "🐑"},
        "cow": {"cow": "🐄", "cow face": "🐮"},
        "horse": {"horse": "🐎", "horse face": "🐴"},
        "mouse": {"mouse": "🐁", "mouse face": "🐭"},
    }
)
