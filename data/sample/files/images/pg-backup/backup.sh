#!/bin/sh
set -eu
pg_dump --format=custom --host=postgres.data.svc.cluster.local parcels > /tmp/parcels.dump
aws s3 cp /tmp/parcels.dump "s3://$BUCKET/parcels-$(date +%F).dump"
