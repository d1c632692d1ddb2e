-- Who leads a meeting and who keeps its record; and which seats of a cell's committee a commune's cadre holds.
ALTER TABLE meeting ADD COLUMN chair uuid REFERENCES member (id), ADD COLUMN recorder uuid REFERENCES member (id);
ALTER TABLE seat ADD COLUMN commune_cadre boolean NOT NULL DEFAULT false;
