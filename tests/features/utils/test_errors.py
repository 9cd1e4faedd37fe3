import pickle

from catnocat.features import UnreadableImage
from catnocat.features.utils.errors import one_line


def test_unreadable_image_can_be_pickled():
    error = pickle.loads(pickle.dumps(UnreadableImage("a.jpg", "empty", lasting=False)))
    assert (error.path, error.reason, error.lasting) == ("a.jpg", "empty", False)
    assert str(error) == "a.jpg: empty"


def test_one_line_is_short():
    assert one_line(ValueError("first\nsecond")) == "first"
    assert one_line(ValueError()) == "ValueError"
    assert len(one_line(ValueError("x" * 1000))) == 200
