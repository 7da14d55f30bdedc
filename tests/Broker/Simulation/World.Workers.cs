namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private void Take(SimWorker worker, Assignment assignment)
    {
        worker.Held.Add(new HeldAttempt(assignment.Attempt, assignment.Timeout));
        BeginSome(worker);
    }

    private void BeginSome(SimWorker worker)
    {
        var running = 0;
        foreach (var held in worker.Held)
        {
            if (held.IsBegun && !held.IsWaiting) running++;
        }

        foreach (var held in worker.Held)
        {
            if (running >= worker.Slots) return;
            if (held.IsBegun) continue;
            running++;
            held.IsBegun = true;
            Begin(worker, held);
        }
    }

    private void Begin(SimWorker worker, HeldAttempt held)
    {
        // A handler without end is fair only where the daemon was told when to stop it.
        if (held.Timeout is not null && _swarm.Strikes(Trait.IgnoredCancel)) return;
        if (_swarm.Strikes(Trait.Extensions))
        {
            After(_random.Milliseconds(1, 500), () => Say(worker, held, report => report with
            {
                Extensions = [(held.Attempt, _random.Milliseconds(10, 5000))],
            }));
        }

        if (_swarm.Strikes(Trait.Progress))
        {
            After(_random.Milliseconds(1, 500), () => Say(worker, held, report => report with
            {
                Progress = [(held.Attempt, new TaskProgress(1, 2, "half"))],
            }));
        }

        if (_swarm.Strikes(Trait.Waiting))
        {
            After(_random.Milliseconds(1, 100), () => Wait(worker, held));
            return;
        }

        After(_random.Milliseconds(1, 4000), () => End(worker, held));
    }

    private void Wait(SimWorker worker, HeldAttempt held)
    {
        if (!Say(worker, held, report => report with { Waits = [(held.Attempt, true)] })) return;
        held.IsWaiting = true;
        BeginSome(worker);
        After(_random.Milliseconds(10, 2000), () =>
        {
            if (Say(worker, held, report => report with { Waits = [(held.Attempt, false)] })) held.IsWaiting = false;
            After(_random.Milliseconds(1, 500), () => End(worker, held));
        });
    }

    private bool Say(SimWorker worker, HeldAttempt held, Func<Command.WorkerReport, Command.WorkerReport> what)
    {
        if (held.IsDone || !worker.IsConnected || worker.IsHung) return false;
        Turn(what(new Command.WorkerReport(worker.Id)));
        return worker.IsConnected && !held.IsDone;
    }

    private void End(SimWorker worker, HeldAttempt held)
    {
        if (held.IsDone || !worker.IsConnected || worker.IsHung) return;
        if (worker.IsAlive)
        {
            if (_swarm.Strikes(Trait.Crashes)) { Exit(worker, _random.Below(3), null); return; }
            if (_swarm.Strikes(Trait.Signals)) { Exit(worker, null, 11); return; }
            if (_swarm.Strikes(Trait.OutOfMemory)) { Exit(worker, null, 9, outOfMemory: true); return; }
        }

        if (_swarm.Strikes(Trait.Hangs)) { worker.IsHung = true; return; }
        if (_swarm.Strikes(Trait.StreamLosses)) { DropStream(worker); return; }
        Settle(worker, held, DrawSettlement(held.Attempt));
    }

    /// <summary>The stream breaks while the process lives; an external worker may come again as another.</summary>
    private void DropStream(SimWorker worker)
    {
        worker.IsConnected = false;
        worker.IsGone = worker.IsExternal;
        Turn(new Command.WorkerDisconnected(worker.Id));
        if (worker.IsAlive && _random.Chance(0.5)) After(_random.Milliseconds(1, 900), () => Exit(worker, 0, null));
    }

    private Settlement DrawSettlement(AttemptId attempt)
    {
        if (_swarm.Strikes(Trait.Snoozes)) return new Settlement.Snoozed(attempt, _random.Milliseconds(1, 3000));
        if (_swarm.Strikes(Trait.Releases)) return new Settlement.Released(attempt);
        if (_swarm.Strikes(Trait.HandlerErrors)) return new Settlement.Failed(attempt, DrawFailure());
        return new Settlement.Succeeded(attempt, PayloadOf(_random.Below(20)));
    }

    private TaskFailure DrawFailure() => new(
        _swarm.Strikes(Trait.NonRetryable) ? FailureKind.Rejected : FailureKind.Error, "it failed")
    {
        ErrorType = _random.Chance(0.3) ? "Fatal" : "Passing",
        NonRetryable = _swarm.Strikes(Trait.NonRetryable),
    };

    private void Settle(SimWorker worker, HeldAttempt held, Settlement settlement)
    {
        held.IsDone = true;
        worker.Held.Remove(held);
        worker.Outbox.Add(settlement);
        if (worker.IsDraining) ReleaseUnbegun(worker);
        else BeginSome(worker);
        if (worker.IsFlushing) return;
        worker.IsFlushing = true;
        After(TimeSpan.FromTicks(_random.Below(10_000)), () => Flush(worker));
    }

    /// <summary>What settled since the last message goes out as one, as on the wire.</summary>
    private void Flush(SimWorker worker)
    {
        worker.IsFlushing = false;
        if (!worker.IsConnected || worker.IsHung) return;
        var settlements = worker.Outbox.ToArray();
        worker.Outbox.Clear();
        Turn(new Command.WorkerReport(worker.Id)
        {
            Settlements = settlements,
            Credits = worker.IsDraining ? 0 : settlements.Length,
        });
        if (_swarm.Strikes(Trait.Duplicates))
            After(
                _random.Milliseconds(1, 500),
                () => Turn(new Command.WorkerReport(worker.Id) { Settlements = settlements }));
        LeaveIfDone(worker);
    }

    private void HearCancel(SimWorker worker, AttemptId attempt)
    {
        var held = worker.Held.Find(one => one.Attempt == attempt);
        if (held is null || held.IsDone || _swarm.Strikes(Trait.IgnoredCancel)) return;
        After(_random.Milliseconds(1, 50), () =>
        {
            if (held.IsDone || !worker.IsConnected || worker.IsHung) return;
            Settle(worker, held, new Settlement.Failed(attempt, new TaskFailure(FailureKind.Cancelled, "stopped")));
        });
    }

    private void HearDrain(SimWorker worker)
    {
        if (_swarm.Strikes(Trait.SlowDrains)) return;
        worker.IsDraining = true;
        ReleaseUnbegun(worker);
        LeaveIfDone(worker);
    }

    private void ReleaseUnbegun(SimWorker worker)
    {
        foreach (var held in worker.Held.FindAll(one => !one.IsBegun))
            Settle(worker, held, new Settlement.Released(held.Attempt));
    }

    private void LeaveIfDone(SimWorker worker)
    {
        if (!worker.IsDraining || worker.Held.Count > 0 || worker.Outbox.Count > 0 || !worker.IsConnected) return;
        if (worker.IsAlive)
        {
            After(_random.Milliseconds(1, 20), () => Exit(worker, 0, null));
            return;
        }

        DropStream(worker);
    }
}
