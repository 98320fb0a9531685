# The compiled kernel has the signatures of its specification.
from peerlint.bulk.kernel.python.route_kernel import Kernel as Kernel

def codes() -> dict[str, int]: ...
