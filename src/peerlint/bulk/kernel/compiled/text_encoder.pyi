# The compiled encoder has the signatures of its specification.
from peerlint.bulk.kernel.python.text_encoder import TextEncoder as TextEncoder
