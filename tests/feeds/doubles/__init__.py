"""What stands in for the other side of a feed, and the story that every feed is told."""
