-- Statistics and the waiting entries of search indexes belong to the owner of the tables. The server sees to them within a
-- minute or more; until then it guesses, and a page of fifty rows reads a table of a million.
create function refresh_statistics(p_with_indexes boolean) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_table record;
    v_index regclass;
    v_count integer := 0;
begin
    for v_table in
        select c.oid, n.nspname, c.relname
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_stat_user_tables s on s.relid = c.oid
         where n.nspname = 'public' and c.relkind = 'r' and pg_has_role(c.relowner, 'usage')
           and s.n_mod_since_analyze > 1000 + greatest(c.reltuples, 0) / 10
    loop
        execute format('analyze (skip_locked) %I.%I', v_table.nspname, v_table.relname);
        for v_index in
            select i.indexrelid from pg_index i
              join pg_class x on x.oid = i.indexrelid
              join pg_am m on m.oid = x.relam
             where p_with_indexes and i.indrelid = v_table.oid and m.amname = 'gin'
        loop
            perform gin_clean_pending_list(v_index);
        end loop;
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;
