-- Whether somebody who speaks for this customer has agreed, and nobody has withdrawn: for each profile its newest entry
-- counts, of entries at the same instant the strictest, and every profile that says something must say yes. Of somebody
-- whose processing is restricted nothing may be used, whatever was agreed.
create or replace function consent_given(p_customer bigint, p_purpose text, p_channel text, p_at timestamptz) returns boolean
language sql stable parallel safe as $$
    select coalesce(bool_and(status = 'granted' and (expires_at is null or expires_at > p_at)), false)
           and not exists (select from customers_restriction r
                            where r.customer_id = p_customer and r.since <= p_at and (r.lifted_at is null or r.lifted_at > p_at))
      from (select distinct on (profile_id) status, expires_at
              from customers_consent
             where customer_id = p_customer and purpose = p_purpose and channel = p_channel and occurred_at <= p_at
             order by profile_id, occurred_at desc, array_position(array['withdrawn', 'pending', 'granted'], status),
                      expires_at nulls last) newest
$$;
