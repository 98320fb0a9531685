# The compiled encoder has the signatures of its specification.
from peerlint.bulk._text_py import TextEncoder as TextEncoder
