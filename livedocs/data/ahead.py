"""Importing this makes the synthetic sets that most pages load: once for all the kernels forked later.

A set is a function of its seed alone, and each call gets its own copy (`livedocs.data.synthetic`), so
a kernel that finds it made has what it would have made.
"""

from livedocs.data.synthetic import synthetic_california_housing, synthetic_fashion_mnist

synthetic_fashion_mnist()
synthetic_california_housing()
