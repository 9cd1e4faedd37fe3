"""The embedded data set: drawn scenes of any combination of animals."""
