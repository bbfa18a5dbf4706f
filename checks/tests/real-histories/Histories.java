// Records what java.util.concurrent.FutureTask and CompletableFuture do: java Histories.java future-task | completable-future
//
// Every event takes a number from one counter: a call before it is made, an answer after it came. Thread 0 drives, two others cancel.
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

public class Histories {
    static final int EACH = 6000;
    static final List<String> log = new ArrayList<>();

    // One lock is one counter: it is held for no call.
    static void note(String text) {
        synchronized (log) {
            log.add(Thread.currentThread().getName() + text);
        }
    }

    static void rest(int draw) {
        for (int turns = (draw >>> 3) % 4; turns > 0; turns--) Thread.yield();
    }

    // A runner that tells when it is interrupted, and by whom.
    static class Runner extends Thread {
        Runner(Runnable body) { super(body, "0"); }
        @Override public void interrupt() {
            note(">1");
            super.interrupt();
            note("<1");
        }
    }

    static final AtomicReference<Future<?>> current = new AtomicReference<>();
    static final CyclicBarrier gate = new CyclicBarrier(3);

    static void meet() {
        while (true) {
            try { gate.await(); return; } catch (InterruptedException e) { throw new AssertionError(e); } catch (Exception e) { throw new RuntimeException(e); }
        }
    }

    static Thread canceler(String name, int draw) {
        Thread thread = new Thread(() -> {
            for (int i = 0; i < 2 * EACH; i++) {
                meet();
                rest(i * 7919 + draw);
                note(":cancel");
                boolean yes = current.get().cancel(true);
                note(yes ? "=claimed" : "=not-claimed");
                meet();
                meet();
            }
        }, name);
        thread.start();
        return thread;
    }

    static void futureTask(int i, boolean asks) {
        AtomicReference<FutureTask<Integer>> self = new AtomicReference<>();
        FutureTask<Integer> task = new FutureTask<>(() -> {
            note("=marked");
            rest(i * 40503);
            if (asks) {
                note(":is-canceled");
                boolean yes = self.get().isCancelled();
                note(yes ? "=yes" : "=no");
            }
            rest(i * 65537);
            note(":complete");
            return 1;
        });
        self.set(task);
        current.set(task);
        meet();
        rest(i * 15485863);
        note(":mark");
        task.run();
        boolean canceled = task.isCancelled();
        synchronized (log) {
            // A task that did not run was refused; one that ran has been completed, or too late.
            boolean ran = log.contains("0=marked");
            if (ran) log.add(canceled ? "0=canceled" : "0=completed"); else log.add("0=canceled");
        }
        Thread.interrupted();
    }

    static void completableFuture(int i, boolean asks) {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        current.set(future);
        meet();
        rest(i * 15485863);
        note(":mark");
        future.whenComplete((value, error) -> {
            if (error instanceof CancellationException) {
                note(">1");
                rest(i * 65537);
                note("<1");
            }
        });
        note("=marked");
        rest(i * 40503);
        if (asks) {
            note(":is-canceled");
            boolean yes = future.isCancelled();
            note(yes ? "=yes" : "=no");
        }
        note(":complete");
        boolean done = future.complete(1);
        note(done ? "=completed" : "=canceled");
    }

    public static void main(String[] arguments) throws Exception {
        boolean isTask = arguments[0].equals("future-task");
        Map<String, Integer> histories = new TreeMap<>();
        Thread one = canceler("1", 104729), two = canceler("2", 1299709);
        Runner runner = new Runner(() -> {
            for (int i = 0; i < 2 * EACH; i++) {
                synchronized (log) { log.clear(); }
                if (isTask) futureTask(i, i % 2 == 0); else completableFuture(i, i % 2 == 0);
                meet();
                Thread.interrupted();
                String line;
                synchronized (log) { line = String.join(" ", log); }
                histories.merge(line, 1, Integer::sum);
                meet();
            }
        });
        runner.start();
        runner.join();
        one.join();
        two.join();
        System.out.println("# Java " + System.getProperty("java.version") + ", 2 programs of " + EACH + " executions each");
        histories.forEach((line, count) -> System.out.println(count + " " + line));
    }
}
