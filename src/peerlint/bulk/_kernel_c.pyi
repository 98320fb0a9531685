# The compiled kernel has the signatures of its specification.
from peerlint.bulk._kernel_py import Kernel as Kernel

def codes() -> dict[str, int]: ...
