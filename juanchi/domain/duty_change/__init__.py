"""A change of the lists (职责清单动态调整), from its proposal until it is in force. Pure.

proposed -> consultation -> opinion of the staffing office -> approval -> in force on a date
"""
