"""Traffic that others cause: read from an archive or seen by a proxy, and judged by the monitors alone."""
