-- Audit by triggers: one event per changed row, with a salted digest of its values, chained by audit_seal().

-- The only way in: the application's role may call it, but not insert into the trail itself.
create function audit_write(p_table text, p_row text, p_operation text, p_fields text[], p_values jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_actor text := current_setting('rapport.actor_id', true);
    v_salt bytea := uuid_send(gen_random_uuid());
    v_event bigint;
begin
    if coalesce(v_actor, '') = '' then
        raise exception 'nobody is acting: % of % was refused', p_operation, p_table using errcode = '42501',
            hint = 'write inside acting(by, request)';
    end if;
    insert into audit_event (actor_id, actor_label, request_id, address, reason, table_name, row_id, operation, fields, digest)
    values (v_actor, coalesce(current_setting('rapport.actor_label', true), ''),
            coalesce(current_setting('rapport.request_id', true), ''), coalesce(current_setting('rapport.address', true), ''),
            coalesce(current_setting('rapport.reason', true), ''), p_table, p_row, p_operation, p_fields,
            sha256(v_salt || convert_to(p_values::text, 'UTF8')))
    returning id into v_event;
    insert into audit_value (event_id, salt, "values") values (v_event, v_salt, p_values);
    return v_event;
end $$;

create function audit_row() returns trigger language plpgsql as $$
declare
    v_ignored text[] := string_to_array(tg_argv[0], ',');
    v_old jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
    v_new jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
    v_fields text[];
    v_values jsonb;
begin
    select array_agg(key order by key), jsonb_object_agg(key, jsonb_build_array(v_old -> key, v_new -> key))
      into v_fields, v_values
      from jsonb_object_keys(v_old || v_new) as key
     where not key = any (v_ignored)
       and coalesce(v_old -> key, 'null'::jsonb) <> coalesce(v_new -> key, 'null'::jsonb);
    if v_fields is null then
        return null;
    end if;
    perform audit_write(tg_table_name::text, coalesce(v_new ->> 'id', v_old ->> 'id', ''), lower(tg_op), v_fields, v_values);
    return null;
end $$;

-- Only on tables attached with p_bulk: a bulk action (an import, a derivation) sets rapport.bulk and writes one event for its
-- chunk instead of one per row. Everywhere else the setting, which anybody can set, changes nothing; nobody's writes never pass.
create function audit_attach(p_table regclass, p_ignore text, p_bulk boolean) returns void language plpgsql as $$
begin
    execute format('create trigger audit_row after insert or update or delete on %s for each row %s execute function audit_row(%L)',
        p_table, case when p_bulk then 'when (current_setting(''rapport.bulk'', true) is distinct from ''on'')' else '' end, p_ignore);
    if p_bulk then
        execute format('create trigger audit_actor before insert or update or delete on %s for each statement'
            || ' when (current_setting(''rapport.bulk'', true) = ''on'') execute function audit_actor()', p_table);
    end if;
end $$;

create function audit_actor() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('rapport.actor_id', true), '') = '' then
        raise exception 'nobody is acting: % of % was refused', lower(tg_op), tg_table_name using errcode = '42501',
            hint = 'write inside acting(by, request)';
    end if;
    return null;
end $$;

create function audit_event_is_append_only() returns trigger language plpgsql as $$
begin
    if current_setting('rapport.audit_care', true) = 'on' then
        return case when tg_op = 'DELETE' then old else new end;
    end if;
    raise exception 'the audit trail is append-only' using errcode = '42501';
end $$;
create trigger append_only before update or delete on audit_event for each row execute function audit_event_is_append_only();
create trigger append_only before update or delete on audit_value for each row execute function audit_event_is_append_only();

-- What the chain covers of an event, as one unambiguous text.
create function audit_material(e audit_event) returns text language sql stable as $$
    select jsonb_build_array(e.id, extract(epoch from e.at)::text, e.actor_id, e.actor_label, e.request_id, e.address, e.reason,
        e.table_name, e.row_id, e.operation, to_jsonb(e.fields), encode(e.digest, 'hex'))::text
$$;

-- Put committed events into the chain, oldest first. Late ones (a long transaction) simply come later in it.
create function audit_seal(p_at_most integer) returns table (sealed_count bigint, head_position bigint, head_hash bytea)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_position bigint;
    v_hash bytea;
    v_count bigint := 0;
    v_event audit_event;
begin
    perform pg_advisory_xact_lock(7263001);
    perform set_config('rapport.audit_care', 'on', true);
    select a.sealed_position, a.sealed_hash into v_position, v_hash
      from audit_event a where a.sealed_position is not null order by a.sealed_position desc limit 1;
    v_position := coalesce(v_position, 0);
    v_hash := coalesce(v_hash, ''::bytea);
    for v_event in select * from audit_event a where a.sealed_position is null order by a.id limit p_at_most loop
        v_position := v_position + 1;
        v_count := v_count + 1;
        v_hash := sha256(v_hash || convert_to(v_position::text || audit_material(v_event), 'UTF8'));
        update audit_event a set sealed_position = v_position, sealed_hash = v_hash where a.id = v_event.id;
    end loop;
    perform set_config('rapport.audit_care', 'off', true);
    return query select v_count, v_position, v_hash;
end $$;

-- Forget the values (and salts) of events; the events and the chain stay. Says how many were forgotten, and the trail names
-- each of them in the fields of one event, which the chain covers: a value that is gone without being named there was taken
-- away by somebody else.
create function audit_forget(p_events bigint[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_forgotten text[];
begin
    perform set_config('rapport.audit_care', 'on', true);
    with gone as (
        update audit_value set salt = null, "values" = null, erased_at = now()
         where event_id = any (p_events) and erased_at is null
        returning event_id
    )
    select array_agg(event_id::text order by event_id) into v_forgotten from gone;
    perform set_config('rapport.audit_care', 'off', true);
    if v_forgotten is null then
        return 0;
    end if;
    perform audit_write('audit_value', '', 'forget', v_forgotten, '{}');
    return cardinality(v_forgotten);
end $$;
