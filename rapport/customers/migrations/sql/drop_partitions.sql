-- Take monthly partitions away again that an undone import had made, as far as nothing is in them. What is in use stays.
create function touchpoint_drop_partitions(p_names text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s' as $$
declare
    v_name text;
    v_used boolean;
    v_dropped integer := 0;
begin
    perform pg_advisory_xact_lock(7263002);
    foreach v_name in array p_names loop
        continue when v_name !~ '^customers_touchpoint_[0-9]{6}$' or to_regclass(v_name) is null;
        begin
            execute format('lock table %I in access exclusive mode', v_name);
            execute format('select exists (select from %I)', v_name) into v_used;
            if not v_used then
                execute format('drop table %I', v_name);
                v_dropped := v_dropped + 1;
            end if;
        exception when lock_not_available then
            null;
        end;
    end loop;
    return v_dropped;
end $$;
