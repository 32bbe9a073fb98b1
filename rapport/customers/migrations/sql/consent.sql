-- The ledger of consents only grows. A merge may move an entry to another customer; nothing else of it ever changes.
create function customers_consent_is_append_only() returns trigger language plpgsql as $$
begin
    if to_jsonb(old) - 'customer_id' is distinct from to_jsonb(new) - 'customer_id' then
        raise exception 'an entry of the consent ledger cannot be changed' using errcode = '42501',
            hint = 'write a newer entry';
    end if;
    return new;
end $$;
create trigger append_only before update on customers_consent
    for each row execute function customers_consent_is_append_only();

-- An entry goes only together with its profile (a person is erased), or with the import that brought it (it is undone).
-- Looked at when the transaction ends, so that the order of the deletions does not matter.
create function customers_consent_stays() returns trigger language plpgsql as $$
begin
    if exists (select from customers_profile where id = old.profile_id)
       and not exists (select from records_import where id = old.import_id and state in ('undoing', 'undone')) then
        raise exception 'an entry of the consent ledger cannot be removed' using errcode = '42501',
            hint = 'it goes with its profile or with its import';
    end if;
    return null;
end $$;
create constraint trigger stays after delete on customers_consent deferrable initially deferred
    for each row execute function customers_consent_stays();

-- Whether somebody who speaks for this customer has agreed, and nobody has withdrawn: for each profile its newest entry
-- counts, of entries at the same instant the strictest, and every profile that says something must say yes.
create function consent_given(p_customer bigint, p_purpose text, p_channel text, p_at timestamptz) returns boolean
language sql stable parallel safe as $$
    select coalesce(bool_and(status = 'granted' and (expires_at is null or expires_at > p_at)), false)
      from (select distinct on (profile_id) status, expires_at
              from customers_consent
             where customer_id = p_customer and purpose = p_purpose and channel = p_channel and occurred_at <= p_at
             order by profile_id, occurred_at desc, array_position(array['withdrawn', 'pending', 'granted'], status),
                      expires_at nulls last) newest
$$;
