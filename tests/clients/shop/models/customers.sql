-- depends_on: {{ ref('raw_customers') }}
{{ config(materialized='table') }}
select id, name from {{ source('raw', 'raw_customers') }}
