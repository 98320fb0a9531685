# The compiled speller has the signatures of its specification.
from peerlint.bulk._spell_py import Speller as Speller
