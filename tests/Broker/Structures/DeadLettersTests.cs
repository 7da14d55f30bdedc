using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Structures;

/// <summary>The list of dead letters against a sorted dictionary, under random work.</summary>
public sealed class DeadLettersTests
{
    [Fact]
    public void Letters_are_found_after_any_number_as_a_dictionary_finds_them()
    {
        var random = new SimRandom(11);
        var letters = new DeadLetters();
        var known = new SortedDictionary<ulong, TaskEntry>();
        for (ulong number = 1; number <= 3000; number++)
        {
            var letter = Letter(number * 2);
            letters.Add(letter);
            known.Add(number * 2, letter);
            while (known.Count > 0 && random.Chance(number % 600 < 300 ? 0.3 : 0.6))
            {
                var victim = random.Chance(0.5) ? known.Keys.First() : known.Keys.ElementAt(random.Below(known.Count));
                letters.Remove(known[victim]);
                known.Remove(victim);
            }

            if (number % 50 != 0) continue;
            Assert.Equal(known.Count, letters.Count);
            Assert.Same(known.Values.FirstOrDefault(), letters.First);
            var after = (ulong)random.Below((int)number * 2);
            Assert.Equal(known.Where(pair => pair.Key > after).Select(pair => pair.Value), letters.After(after));
        }
    }

    private static TaskEntry Letter(ulong number)
    {
        var submission = new TaskSubmission { Handler = "h" };
        var task = new TaskEntry(new TaskId(number), new QueueEntry("default", new LatestTerms()), submission, default);
        task.BecomeQueued(default);
        task.BecomeFinal(TaskState.Failed, new TaskEnd(default, Instant.Never, null, null, null) { Number = number });
        return task;
    }
}
