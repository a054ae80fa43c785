"""What answers HTTP requests: reads them, asks the services, writes the answer."""
