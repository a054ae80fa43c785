"""External contracts: any OpenAPI document of the user, with conventions for what it can't say."""
