"""From an assessment and its recording to what people and machines read."""
