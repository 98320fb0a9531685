"""For users' tests: strategies, dump builders, and scenarios in one-line notation.

==================================  ==============================================================
`peerlint.testing.notation`         one line, one fact: a scenario and what peerlint says of it
`peerlint.testing.dumps`            MRT dumps as octets, built from routes
`peerlint.testing.azure`            Azure's JSON exports, built from an inventory
`peerlint.testing.strategies`       Hypothesis strategies for every value (needs `[test]`)
`peerlint.testing.inventories`      the same for inventories, as Azure knows them (needs `[test]`)
`peerlint.testing.malformed`             the same for octets whose fields lie (needs `[test]`)
==================================  ==============================================================
"""
