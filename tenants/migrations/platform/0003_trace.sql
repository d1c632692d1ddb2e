-- Which request or job asked for a piece of work (W3C traceparent: random numbers, no names); NULL where traces are off and
-- for what an older version leaves while a newer one is being rolled out.
ALTER TABLE platform.outbox ADD COLUMN trace text;
