"""Helpers for tests: scenarios in one-line notation, builders of dumps, Hypothesis strategies.

==================================  ==============================================================
`peerlint.testing.notation`         a scenario, one fact a line, and its report
`peerlint.testing.dumps`            builders of MRT dumps from routes
`peerlint.testing.bmp`              a builder of BMP streams from routes
`peerlint.testing.azure`            Azure's JSON exports, built from an inventory
`peerlint.testing.strategies`       strategies for routes, attributes and UPDATEs (needs `[test]`)
`peerlint.testing.records`          strategies for messages and MRT records (needs `[test]`)
`peerlint.testing.bmp_messages`     strategies for BMP messages (needs `[test]`)
`peerlint.testing.inventories`      strategies for inventories, as Azure has them (needs `[test]`)
`peerlint.testing.malformed`        strategies for malformed octets (needs `[test]`)
`peerlint.testing.malformed_dumps`  strategies for malformed dumps (needs `[test]`)
==================================  ==============================================================
"""
