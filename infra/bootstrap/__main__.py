from infra.bootstrap.program import deploy

deploy()
