-- A forgotten password of somebody of a province is replaced through a link too: another administrator of the province
-- makes it (province, issued_by), or the operator (neither of them). Runs beside the code that knows committees only.
ALTER TABLE platform.password_link
    ALTER COLUMN committee DROP NOT NULL,
    ALTER COLUMN issued_by DROP NOT NULL,
    ADD COLUMN province uuid REFERENCES platform.province (id) ON DELETE CASCADE,
    ADD CONSTRAINT password_link_place CHECK (
        num_nonnulls(committee, province) = CASE WHEN issued_by IS NULL THEN 0 ELSE 1 END);
