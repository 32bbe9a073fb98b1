-- A table that is written anew as a whole has a spare one beside it, called the same with _spare after it: that one is filled,
-- indexed, and takes the place of the live one by renaming both. The application's role can neither create nor rename tables,
-- so three functions do exactly this for it, as the owner, with tables that have a spare one and with no others. Which indexes
-- there are is read from the live table; their names begin with its name.

create function insight_spare_of(p_table text) returns text
language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
    if to_regclass(format('public.%I', p_table)) is null or to_regclass(format('public.%I', p_table || '_spare')) is null then
        raise exception '% has no spare table', p_table;
    end if;
    return p_table || '_spare';
end $$;

create function insight_indexes_of(p_table text)
returns table (name text, part text, is_primary boolean, is_unique boolean, columns text)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select c.relname::text, substr(c.relname, length(p_table) + 2), i.indisprimary, i.indisunique,
           substring(pg_get_indexdef(i.indexrelid) from ' USING (.*)$')
      from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = format('public.%I', p_table)::regclass order by not i.indisprimary, c.relname
$$;

create function insight_empty_spare(p_table text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_spare constant text := insight_spare_of(p_table);
    v_index record;
begin
    for v_index in select * from insight_indexes_of(v_spare) loop
        if v_index.is_primary then
            execute format('alter table public.%I drop constraint %I', v_spare, v_index.name);
        else
            execute format('drop index public.%I', v_index.name);
        end if;
    end loop;
    execute format('truncate public.%I', v_spare);
end $$;

create function insight_index_spare(p_table text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_spare constant text := insight_spare_of(p_table);
    v_name text;
    v_index record;
begin
    for v_index in select * from insight_indexes_of(p_table) loop
        v_name := format('%s_%s', v_spare, v_index.part);
        execute format(
            'create %s index %I on public.%I using %s',
            case when v_index.is_unique then 'unique' end, v_name, v_spare, v_index.columns
        );
        if v_index.is_primary then
            execute format('alter table public.%I add constraint %I primary key using index %I', v_spare, v_name, v_name);
        end if;
    end loop;
    execute format('analyze public.%I', v_spare);
end $$;

-- Readers wait for the few milliseconds from here to the commit.
create function insight_swap_spare(p_table text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_spare constant text := insight_spare_of(p_table);
    v_going constant text := p_table || '_going';
    v_part text;
begin
    execute format('alter table public.%I rename to %I', p_table, v_going);
    execute format('alter table public.%I rename to %I', v_spare, p_table);
    execute format('alter table public.%I rename to %I', v_going, v_spare);
    for v_part in select substr(part, length('_spare') + 1) from insight_indexes_of(p_table) loop
        execute format('alter index public.%I rename to %I', p_table || '_' || v_part, v_going || '_' || v_part);
        execute format('alter index public.%I rename to %I', v_spare || '_' || v_part, p_table || '_' || v_part);
        execute format('alter index public.%I rename to %I', v_going || '_' || v_part, v_spare || '_' || v_part);
    end loop;
end $$;

revoke all on function insight_spare_of(text), insight_indexes_of(text), insight_empty_spare(text), insight_index_spare(text),
    insight_swap_spare(text) from public;
