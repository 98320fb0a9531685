"""Real BGP daemons for tests of `peerlint.wire`, and a BGP speaker made of its encoders."""
