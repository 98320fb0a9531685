"""Real BGP daemons for the wire's tests, and a speaker made of peerlint's encoders."""
