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
    hold TEXT,
    outcome TEXT,
    outcome_count INTEGER NOT NULL DEFAULT 0,
    outcome_code TEXT,
    rate_allow INTEGER,
    rate_retry_after INTEGER
);

CREATE TABLE tasks (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL UNIQUE,
    tenant_id TEXT NOT NULL REFERENCES tenants,
    status TEXT NOT NULL,
    capability TEXT NOT NULL,
    model TEXT NOT NULL,
    resolved_model TEXT NOT NULL,
    input TEXT NOT NULL,
    metadata TEXT NOT NULL,
    charged INTEGER NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0,
    waits_for_audio INTEGER NOT NULL,
    planned_failure TEXT,
    failure TEXT,
    created_at INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    cancel_requested_at INTEGER
);

CREATE INDEX tasks_by_tenant ON tasks (tenant_id, position);
CREATE INDEX tasks_under_way ON tasks (tenant_id, status) WHERE status IN ('queued', 'running');

CREATE TABLE artifacts (
    artifact_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants,
    task_id TEXT,
    clip INTEGER,
    token TEXT NOT NULL,
    purpose TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content_type TEXT NOT NULL,
    extension TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE INDEX artifacts_of_task ON artifacts (task_id, clip);

CREATE TABLE idempotency (
    tenant_id TEXT NOT NULL REFERENCES tenants,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, operation, key)
);
