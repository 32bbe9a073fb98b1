-- Rows that one statement changes are compared in that statement, not one by one; what the trail says of each stays the same.

-- One event per changed row, as audit_row and audit_write would leave them, where rapport.many is on: of all rows of a statement.
create function audit_many() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_ignored text[] := string_to_array(tg_argv[0], ',');
    v_actor text := current_setting('rapport.actor_id', true);
    v_sides text;
    v_numbers regclass := pg_get_serial_sequence('audit_event', 'id');
begin
    if not exists (select from audit_new) then
        return null;
    end if;
    if coalesce(v_actor, '') = '' then
        raise exception 'nobody is acting: % of % was refused', lower(tg_op), tg_table_name using errcode = '42501',
            hint = 'write inside acting(by, request)';
    end if;
    select string_agg(format('(%1$L, case when o.%1$I is distinct from n.%1$I then jsonb_build_array(o.%1$I, n.%1$I) end)',
                             attname), ', ' order by attnum)
      into v_sides
      from pg_attribute
     where attrelid = tg_relid and attnum > 0 and not attisdropped and not attname = any (v_ignored);
    execute format($statement$
        with changed as materialized (
            select nextval($3) as id, uuid_send(gen_random_uuid()) as salt, n.id as row_id,
                   told.fields, told.pairs
              from audit_old o join audit_new n on n.id = o.id
             cross join lateral (
                   select array_agg(key order by key) as fields, jsonb_object_agg(key, pair) as pairs
                     from (values %s) as side (key, pair) where pair is not null and pair -> 0 <> pair -> 1) told
             where told.fields is not null
             order by n.id
        ), written as (
            insert into audit_event
                (id, actor_id, actor_label, request_id, address, reason, table_name, row_id, operation, fields, digest)
            select id, $1, coalesce(current_setting('rapport.actor_label', true), ''),
                   coalesce(current_setting('rapport.request_id', true), ''), coalesce(current_setting('rapport.address', true), ''),
                   coalesce(current_setting('rapport.reason', true), ''), $2, row_id::text, 'update', fields,
                   sha256(salt || convert_to(pairs::text, 'UTF8'))
              from changed
        )
        insert into audit_value (event_id, salt, "values") select id, salt, pairs from changed
        $statement$, v_sides) using v_actor, tg_table_name::text, v_numbers;
    return null;
end $$;

-- For a table that is attached with p_bulk already, and whose key is `id`: where rapport.many is on, audit_many tells of updates.
create function audit_attach_many(p_table regclass) returns void language plpgsql as $$
declare
    v_ignored text;
    v_when text := ' when (current_setting(''rapport.bulk'', true) is distinct from ''on'''
        || ' and current_setting(''rapport.many'', true) %s ''on'') execute function ';
    v_each text := format(v_when, 'is distinct from');
    v_many text := format(v_when, 'is not distinct from');
begin
    select split_part(encode(tgargs, 'escape'), '\000', 1) into strict v_ignored
      from pg_trigger where tgrelid = p_table and tgname = 'audit_row';
    execute format('drop trigger audit_row on %s', p_table);
    execute format('create trigger audit_row after insert or update or delete on %s for each row %s audit_row(%L)',
        p_table, v_each, v_ignored);
    execute format('create trigger audit_row_of_many after insert or delete on %s for each row %s audit_row(%L)',
        p_table, v_many, v_ignored);
    execute format('create trigger audit_many after update on %s referencing old table as audit_old new table as audit_new'
        || ' for each statement %s audit_many(%L)', p_table, v_many, v_ignored);
end $$;
