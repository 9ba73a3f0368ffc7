"""Data that imitate the sets of `keras.datasets`, made here, without a network.

Each function returns what the loader of the real set would: same dtypes,
classes, columns and order, a similar difficulty, fewer samples. A set is made
once per process, in less than two seconds; every call gets its own copy.

The images use only operations that IEEE 754 rounds in one way (sums, products,
quotients, square roots, the least and the greatest, sums of whole numbers; no
sines, no sums over an array of floats, no BLAS), so their bytes depend on the
NumPy version alone, not on the processor nor its threads.
"""

from livedocs.data.synthetic.digits import synthetic_mnist
from livedocs.data.synthetic.garments import synthetic_fashion_mnist
from livedocs.data.synthetic.housing import synthetic_california_housing
from livedocs.data.synthetic.scenes import synthetic_cifar10
from livedocs.data.synthetic.shapes import Split

__all__ = [
    "Split",
    "synthetic_california_housing",
    "synthetic_cifar10",
    "synthetic_fashion_mnist",
    "synthetic_mnist",
]
