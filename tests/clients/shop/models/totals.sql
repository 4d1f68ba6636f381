{{ config(materialized='table') }}
select customers.name, sum(orders.amount) as total
from {{ ref('orders') }} as orders
join {{ ref('customers') }} as customers on customers.id = orders.customer_id
group by customers.name
