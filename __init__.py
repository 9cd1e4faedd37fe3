"""catnocat: is repeated cat/no-cat good enough for pictures of any combination of things.

Three rooms, imported in one direction: `catnocat.features` turns pictures into vectors, once;
`catnocat.classifiers` turns vectors into label probabilities; `catnocat.benchmarks` holds the data
sets, the comparison, its report and the command line.
"""

__version__ = "0.1.0.dev0"
