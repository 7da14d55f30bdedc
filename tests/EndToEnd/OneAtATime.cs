// Every test here starts processes; two at once would take each other's time, and some look for what is left of them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
