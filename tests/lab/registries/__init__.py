"""IRRd with the services that it needs, loaded with objects of documentation numbers."""
