-- Tables are looked at one by one, so that several sessions can do it side by side.
drop function refresh_statistics(boolean);

-- The tables of which a tenth or more is new.
create function tables_to_look_at() returns setof text
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    select format('%I.%I', n.nspname, c.relname)
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_stat_user_tables s on s.relid = c.oid
     where n.nspname = 'public' and c.relkind = 'r' and pg_has_role(c.relowner, 'usage')
       and s.n_mod_since_analyze > 1000 + greatest(c.reltuples, 0) / 10
     order by s.n_mod_since_analyze desc
$$;

-- Of one of those; says whether it still was one.
create function refresh_statistics(p_table text, p_with_indexes boolean) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_index regclass;
begin
    if not exists (select from tables_to_look_at() t where t = p_table) then
        return false;
    end if;
    execute 'analyze (skip_locked) ' || p_table;
    for v_index in
        select i.indexrelid from pg_index i
          join pg_class x on x.oid = i.indexrelid
          join pg_am m on m.oid = x.relam
         where p_with_indexes and i.indrelid = p_table::regclass and m.amname = 'gin'
    loop
        perform gin_clean_pending_list(v_index);
    end loop;
    return true;
end $$;
