-- What changed since the warehouse was refreshed: each statement that writes to a table behind it notes the ranges of keys it
-- wrote. A note commits with the change or not at all, so a change that is committed late is noted late, and none is lost.
-- Of a table with an instant it is noted as well when the written rows took place, and a row in which nothing changed but what
-- p_ignored names is not noted: such a table has no index on its key, and looking for a row takes long.
create function insight_note_changes(p_table regclass, p_key name, p_instant name, p_ignored text[]) returns void
language plpgsql as $attach$
declare
    v_name text := (select relname from pg_class where oid = p_table);
    v_when text := case when p_instant is null then 'null::timestamptz, null::timestamptz'
        else format('min(%1$I), max(%1$I)', p_instant) end;
    v_columns text := concat_ws(', ', quote_ident(p_key), quote_ident(p_instant));
    v_function text := 'create function public.%I() returns trigger language plpgsql'
        || ' set search_path = pg_catalog, public, pg_temp as $note$'
        || ' declare v_low bigint; v_high bigint; begin %s return null; end $note$';
    -- new rows have new keys, one after another: one range for all costs less than looking at each
    v_range text := format('insert into public.insight_change (source, low, high, since, until)'
        || ' select %L, min(%I), max(%I), %s from insight_new having count(*) > 0;', v_name, p_key, p_key, v_when);
    v_ranges text := format('insert into public.insight_change (source, low, high, since, until, is_removal)'
        || ' select %L, min(%I), max(%I), %s, tg_op = %L'
        || ' from (select %s, %I - dense_rank() over (order by %I) as island from %%s) touched group by island;',
        v_name, p_key, p_key, v_when, 'DELETE', v_columns, p_key, p_key);
    -- looked for by its key, a row too many costs less than telling which of a few neighbors were written
    v_near text := format('select min(%I), max(%I) into v_low, v_high from %%s; if v_high - v_low < 32 then insert into'
        || ' public.insight_change (source, low, high, is_removal) values (%L, v_low, v_high, tg_op = %L); return null; end if; ',
        p_key, p_key, v_name, 'DELETE');
    v_told text := (select string_agg('side.' || quote_ident(attname), ', ' order by attnum) from pg_attribute
                     where attrelid = p_table and attnum > 0 and not attisdropped and not attname = any (p_ignored));
    -- what is moved in time was somewhere else before
    v_updated text := case when p_instant is null then 'insight_new' else format(
        '(select both_sides.* from insight_old o join insight_new n on n.%1$I = o.%1$I'
        || ' cross join lateral (values (o.%1$I, o.%2$I), (n.%1$I, n.%2$I)) both_sides (%1$I, %2$I)'
        || ' where row(%3$s) is distinct from row(%4$s)) moved',
        p_key, p_instant, replace(v_told, 'side.', 'o.'), replace(v_told, 'side.', 'n.')) end;
    v_sides text := case when p_instant is null then '' else 'old table as insight_old ' end;
begin
    if p_instant is null then
        v_ranges := replace(v_near || v_ranges, '%s', '%1$s');
    end if;
    execute format(v_function, 'insight_added_' || v_name, v_range);
    execute format(v_function, 'insight_changed_' || v_name, format(v_ranges, v_updated));
    execute format(v_function, 'insight_removed_' || v_name, format(v_ranges, 'insight_old'));
    execute format('create trigger insight_added after insert on %s referencing new table as insight_new'
        || ' for each statement execute function public.%I()', p_table, 'insight_added_' || v_name);
    execute format('create trigger insight_changed after update on %s referencing %snew table as insight_new'
        || ' for each statement execute function public.%I()', p_table, v_sides, 'insight_changed_' || v_name);
    execute format('create trigger insight_removed after delete on %s referencing old table as insight_old'
        || ' for each statement execute function public.%I()', p_table, 'insight_removed_' || v_name);
end $attach$;
revoke all on function insight_note_changes(regclass, name, name, text[]) from public;
