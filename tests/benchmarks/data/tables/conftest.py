import pytest


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file next to two images, a.jpg and b.jpg."""
    for image in ("a.jpg", "b.jpg"):
        (tmp_path / image).touch()

    def write_file(content, name="pets.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
