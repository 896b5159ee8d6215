-- Numbers of what lies in locations and categories, as described in schema/contents.rs.

CREATE TABLE ironwood_location_content (
    id {{id}},
    "path" {{text}} DEFAULT '' NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_location_content_path_number ON ironwood_location_content ("path", "number");

CREATE TABLE ironwood_location_content_change (
    id {{id}},
    "node" BIGINT NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_location_content_change_node ON ironwood_location_content_change ("node");

--sqlite: CREATE VIEW ironwood_location_contents AS SELECT id, path, number FROM ironwood_location_content;
--pg: CREATE VIEW ironwood_location_contents AS SELECT id, path, number FROM ironwood_location_content UNION ALL SELECT k.id, k.path, c.number FROM ironwood_location_content_change c JOIN ironwood_location_content k ON k.id = c.node;
INSERT INTO ironwood_location_content (id, path, number) SELECT n.id, n.tree_path, COALESCE(r.number, 0) AS number FROM stock_stocklocation n LEFT JOIN (SELECT "location" AS node, COUNT(*) AS number FROM stock_stockitem WHERE "location" IS NOT NULL GROUP BY "location") r ON r.node = n.id;
--sqlite: CREATE TRIGGER ironwood_location_content_added AFTER INSERT ON stock_stockitem WHEN NEW."location" IS NOT NULL BEGIN UPDATE ironwood_location_content SET number = number + 1 WHERE id = NEW."location"; END;
--sqlite: CREATE TRIGGER ironwood_location_content_removed AFTER DELETE ON stock_stockitem WHEN OLD."location" IS NOT NULL BEGIN UPDATE ironwood_location_content SET number = number - 1 WHERE id = OLD."location"; END;
--sqlite: CREATE TRIGGER ironwood_location_content_moved AFTER UPDATE OF "location" ON stock_stockitem WHEN OLD."location" IS NOT NEW."location" BEGIN UPDATE ironwood_location_content SET number = number - 1 WHERE id = OLD."location"; UPDATE ironwood_location_content SET number = number + 1 WHERE id = NEW."location"; END;
--sqlite: CREATE TRIGGER ironwood_location_content_node_added AFTER INSERT ON stock_stocklocation BEGIN INSERT INTO ironwood_location_content (id, path, number) VALUES (NEW.id, NEW.tree_path, (SELECT COUNT(*) FROM stock_stockitem r WHERE r."location" = NEW.id)); END;
--sqlite: CREATE TRIGGER ironwood_location_content_node_moved AFTER UPDATE OF tree_path ON stock_stocklocation WHEN OLD.tree_path <> NEW.tree_path BEGIN UPDATE ironwood_location_content SET path = NEW.tree_path WHERE id = NEW.id; END;
--sqlite: CREATE TRIGGER ironwood_location_content_node_removed AFTER DELETE ON stock_stocklocation BEGIN DELETE FROM ironwood_location_content WHERE id = OLD.id; END;
--pg: CREATE FUNCTION ironwood_location_content_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content_change (node, number) SELECT r."location", COUNT(*) FROM new_rows r WHERE EXISTS (SELECT 1 FROM stock_stocklocation n WHERE n.id = r."location") GROUP BY r."location"; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_added AFTER INSERT ON stock_stockitem REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_location_content_added();
--pg: CREATE FUNCTION ironwood_location_content_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content_change (node, number) SELECT r."location", -COUNT(*) FROM old_rows r WHERE EXISTS (SELECT 1 FROM stock_stocklocation n WHERE n.id = r."location") GROUP BY r."location"; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_removed AFTER DELETE ON stock_stockitem REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_location_content_removed();
--pg: CREATE FUNCTION ironwood_location_content_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content_change (node, number) SELECT d.node, d.number FROM (VALUES (OLD."location", -1), (NEW."location", 1)) d (node, number) WHERE EXISTS (SELECT 1 FROM stock_stocklocation n WHERE n.id = d.node); RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_moved AFTER UPDATE OF "location" ON stock_stockitem FOR EACH ROW WHEN (OLD."location" IS DISTINCT FROM NEW."location") EXECUTE FUNCTION ironwood_location_content_moved();
--pg: CREATE FUNCTION ironwood_location_content_node_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_location_content (id, path, number) VALUES (NEW.id, NEW.tree_path, (SELECT COUNT(*) FROM stock_stockitem r WHERE r."location" = NEW.id)); RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_added AFTER INSERT ON stock_stocklocation FOR EACH ROW EXECUTE FUNCTION ironwood_location_content_node_added();
--pg: CREATE FUNCTION ironwood_location_content_node_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ironwood_location_content SET path = NEW.tree_path WHERE id = NEW.id; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_moved AFTER UPDATE OF tree_path ON stock_stocklocation FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path) EXECUTE FUNCTION ironwood_location_content_node_moved();
--pg: CREATE FUNCTION ironwood_location_content_node_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ironwood_location_content_change WHERE node = OLD.id; DELETE FROM ironwood_location_content WHERE id = OLD.id; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_location_content_node_removed AFTER DELETE ON stock_stocklocation FOR EACH ROW EXECUTE FUNCTION ironwood_location_content_node_removed();
CREATE TABLE ironwood_category_content (
    id {{id}},
    "path" {{text}} DEFAULT '' NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_category_content_path_number ON ironwood_category_content ("path", "number");

CREATE TABLE ironwood_category_content_change (
    id {{id}},
    "node" BIGINT NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL
);
CREATE INDEX ironwood_category_content_change_node ON ironwood_category_content_change ("node");

--sqlite: CREATE VIEW ironwood_category_contents AS SELECT id, path, number FROM ironwood_category_content;
--pg: CREATE VIEW ironwood_category_contents AS SELECT id, path, number FROM ironwood_category_content UNION ALL SELECT k.id, k.path, c.number FROM ironwood_category_content_change c JOIN ironwood_category_content k ON k.id = c.node;
INSERT INTO ironwood_category_content (id, path, number) SELECT n.id, n.tree_path, COALESCE(r.number, 0) AS number FROM part_partcategory n LEFT JOIN (SELECT "category" AS node, COUNT(*) AS number FROM part_part WHERE "category" IS NOT NULL GROUP BY "category") r ON r.node = n.id;
--sqlite: CREATE TRIGGER ironwood_category_content_added AFTER INSERT ON part_part WHEN NEW."category" IS NOT NULL BEGIN UPDATE ironwood_category_content SET number = number + 1 WHERE id = NEW."category"; END;
--sqlite: CREATE TRIGGER ironwood_category_content_removed AFTER DELETE ON part_part WHEN OLD."category" IS NOT NULL BEGIN UPDATE ironwood_category_content SET number = number - 1 WHERE id = OLD."category"; END;
--sqlite: CREATE TRIGGER ironwood_category_content_moved AFTER UPDATE OF "category" ON part_part WHEN OLD."category" IS NOT NEW."category" BEGIN UPDATE ironwood_category_content SET number = number - 1 WHERE id = OLD."category"; UPDATE ironwood_category_content SET number = number + 1 WHERE id = NEW."category"; END;
--sqlite: CREATE TRIGGER ironwood_category_content_node_added AFTER INSERT ON part_partcategory BEGIN INSERT INTO ironwood_category_content (id, path, number) VALUES (NEW.id, NEW.tree_path, (SELECT COUNT(*) FROM part_part r WHERE r."category" = NEW.id)); END;
--sqlite: CREATE TRIGGER ironwood_category_content_node_moved AFTER UPDATE OF tree_path ON part_partcategory WHEN OLD.tree_path <> NEW.tree_path BEGIN UPDATE ironwood_category_content SET path = NEW.tree_path WHERE id = NEW.id; END;
--sqlite: CREATE TRIGGER ironwood_category_content_node_removed AFTER DELETE ON part_partcategory BEGIN DELETE FROM ironwood_category_content WHERE id = OLD.id; END;
--pg: CREATE FUNCTION ironwood_category_content_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, number) SELECT r."category", COUNT(*) FROM new_rows r WHERE EXISTS (SELECT 1 FROM part_partcategory n WHERE n.id = r."category") GROUP BY r."category"; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_added AFTER INSERT ON part_part REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_category_content_added();
--pg: CREATE FUNCTION ironwood_category_content_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, number) SELECT r."category", -COUNT(*) FROM old_rows r WHERE EXISTS (SELECT 1 FROM part_partcategory n WHERE n.id = r."category") GROUP BY r."category"; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_removed AFTER DELETE ON part_part REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ironwood_category_content_removed();
--pg: CREATE FUNCTION ironwood_category_content_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content_change (node, number) SELECT d.node, d.number FROM (VALUES (OLD."category", -1), (NEW."category", 1)) d (node, number) WHERE EXISTS (SELECT 1 FROM part_partcategory n WHERE n.id = d.node); RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_moved AFTER UPDATE OF "category" ON part_part FOR EACH ROW WHEN (OLD."category" IS DISTINCT FROM NEW."category") EXECUTE FUNCTION ironwood_category_content_moved();
--pg: CREATE FUNCTION ironwood_category_content_node_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ironwood_category_content (id, path, number) VALUES (NEW.id, NEW.tree_path, (SELECT COUNT(*) FROM part_part r WHERE r."category" = NEW.id)); RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_added AFTER INSERT ON part_partcategory FOR EACH ROW EXECUTE FUNCTION ironwood_category_content_node_added();
--pg: CREATE FUNCTION ironwood_category_content_node_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE ironwood_category_content SET path = NEW.tree_path WHERE id = NEW.id; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_moved AFTER UPDATE OF tree_path ON part_partcategory FOR EACH ROW WHEN (OLD.tree_path <> NEW.tree_path) EXECUTE FUNCTION ironwood_category_content_node_moved();
--pg: CREATE FUNCTION ironwood_category_content_node_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ironwood_category_content_change WHERE node = OLD.id; DELETE FROM ironwood_category_content WHERE id = OLD.id; RETURN NULL; END $$;
--pg: CREATE TRIGGER ironwood_category_content_node_removed AFTER DELETE ON part_partcategory FOR EACH ROW EXECUTE FUNCTION ironwood_category_content_node_removed();
