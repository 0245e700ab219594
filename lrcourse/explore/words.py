"""What the explorer's own buttons and labels say, in one place, to be translated."""

WORDS = {
    "explorer": "Explorer of",
    "look": "look at",
    "log": "logarithmic η",
    "reset": "reset",
    "undo": "undo",
    "preset": "preset",
    "choose": "choose …",
    "copy": "copy",
    "copied": "copied",
    "code_of": "the code of",
    "play": "play",
    "stop": "stop",
    "resume": "resume",
    "again": "play again",
    "give": "give a value",
    "point": "point",
    "height": "height",
    "computing": "computing",
    "no_zero": "0 has no place on a logarithmic axis",
    "silent": "The kernel has not answered yet. It is busy, or closed: then run the cell again. "
    "The picture is that of the last answer.",
}
