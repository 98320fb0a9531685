"""What runs for a long time: feeds, store, deliveries, web server. It does the I/O of a monitor."""
