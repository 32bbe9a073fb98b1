"""Reports that anybody puts together: what is asked, its answer as page, file and mail."""
