"""The renderings of a comparison; they compute nothing."""
