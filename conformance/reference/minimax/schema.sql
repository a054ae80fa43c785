-- Money is counted in ten-thousandths of a credit, time in microseconds since 1970.

CREATE TABLE tenants (
    tenant_id TEXT PRIMARY KEY,
    balance INTEGER NOT NULL
);

CREATE TABLE keys (
    digest TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants,
    permitted INTEGER NOT NULL
);

-- What the control interface changed, for one account or (scope "target") for all of them.
CREATE TABLE controls (
    scope_id TEXT PRIMARY KEY,
    clock_offset INTEGER NOT NULL DEFAULT 0,
    rate_allow INTEGER,
    rate_retry_after INTEGER
);

-- The models that an account's plan includes; an account without rows may use all.
CREATE TABLE plans (
    tenant_id TEXT NOT NULL REFERENCES tenants,
    model TEXT NOT NULL,
    PRIMARY KEY (tenant_id, model)
);

-- Songs that were delivered by URL; they are composed anew from their seed whenever the URL is asked for them.
CREATE TABLE songs (
    song_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants,
    seed TEXT NOT NULL,
    format TEXT NOT NULL,
    sample_rate INTEGER NOT NULL,
    bitrate INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

-- What preprocessing found in reference audio, by the content of the audio.
CREATE TABLE features (
    feature_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants,
    seconds REAL NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, feature_id)
);
