"""What an execution touches: seen by probe and watch, and confined."""
