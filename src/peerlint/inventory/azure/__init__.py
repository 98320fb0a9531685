"""Read JSON exports of Azure, and merge them into an inventory."""

from peerlint.inventory.azure.export import AzurePeering, Child, Export, ReceivedRoute
from peerlint.inventory.azure.merge import Merged, merge
from peerlint.inventory.azure.read import read_export

__all__ = [
    "AzurePeering",
    "Child",
    "Export",
    "Merged",
    "ReceivedRoute",
    "merge",
    "read_export",
]
